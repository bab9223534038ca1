# A release script as teams write it: the call must work as it stands.
import sys

import requests

url, key = sys.argv[1], sys.argv[2]
api = url + "/v1/applications/support-bot/deployments"
headers = {"Authorization": "Bearer " + key}

response = requests.patch(api, json={
    "version": "v2",
    "traffic_control": {"strategy": "percentage", "value": 0.05},
    "target_environment": "production",
    "enabled": True,
}, headers=headers)
assert response.status_code == 200, (response.status_code, response.text)
assert response.json()["share"] == 0.05, response.text

assert requests.get(api, headers=headers).json()["share"] == 0.05
assert requests.patch(api, json={}, headers=headers).status_code == 400
assert requests.patch(api, json={}).status_code == 401
assert requests.patch(url + "/v1/applications/other/deployments", json={}, headers=headers).status_code == 404

rollback = requests.post(url + "/v1/applications/support-bot/rollback", headers=headers)
assert rollback.status_code == 200 and rollback.json()["state"] == "rolled_back", rollback.text
print("the release script works")
