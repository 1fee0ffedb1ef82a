SELECT l_shipmode, count(DISTINCT l_suppkey) AS suppliers, max(l_comment) AS last_comment, min(l_receiptdate) AS first_receipt
FROM lineitem
GROUP BY l_shipmode
ORDER BY l_shipmode
