SELECT
    l_returnflag,
    l_linestatus,
    sum(l_quantity) AS quantity,
    sum(l_extendedprice) AS price,
    avg(l_discount) AS discount,
    count(*) AS lines
FROM lineitem
WHERE l_shipdate <= DATE '1998-09-02'
GROUP BY l_returnflag, l_linestatus
ORDER BY l_returnflag, l_linestatus
