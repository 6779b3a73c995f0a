-- title: 各乡镇治安警情类型
-- definition: 当月发生的治安警情，按乡镇和类型（当月有的类型），没有的乡镇为零；占比为占全部能落到乡镇的警情的比重。
-- domain: public_order
-- part: domains
-- pivot: 类型 起数
with counted as (
    select township, category, count(*) as n
    from public_order
    join townships on townships.code = public_order.area_code
    cross join period
    where day between month_start and month_end
    group by township, category
),

types as (
    select category, label, sum(n) as n
    from counted
    join labels on labels.list = 'category' and labels.domain = 'public_order' and labels.code = category
    group by category, label
),

places as (
    select distinct township from townships
),

totals as (
    select places.township, coalesce(sum(n), 0) as n
    from places
    left join counted on counted.township = places.township
    group by places.township
)

select
    totals.township as "乡镇",
    totals.n as "合计",
    totals.n / nullif(cast((select sum(n) from counted) as double), 0) as "占比",
    types.label as "类型",
    coalesce(counted.n, 0) as "起数"
from totals
cross join types
left join counted on counted.township = totals.township and counted.category = types.category
order by totals.n desc, totals.township, types.n desc, types.category
