SELECT count(*) AS lines FROM lineitem
