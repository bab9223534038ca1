-- browse_items: a row a session of a set drawn for labels by a rubric.
-- Columns: session; item.
SELECT session_id, split_part(label_id, '/', 3) FROM labels
WHERE app = $app AND session_id IS NOT NULL AND criterion = $rubric AND split_part(label_id, '/', 1) = 'drawn' AND split_part(label_id, '/', 2) = $set
