-- title: 各乡镇治安警情
-- definition: 当月发生的治安警情，按乡镇；占比为占全部能落到乡镇的警情的比重；“变化”为与上月件数相比，未作检验，只比较数据报全的月份；本月报全而为零的写“无”。没有数据报送的月份为“—”。
-- domain: public_order
-- part: domains
with counted as (
    select
        township,
        count(*) filter (where day between month_start and month_end) as now,
        count(*) filter (where day between before_start and before_end) as before,
        count(*) filter (where day between year_ago_start and year_ago_end) as year_ago
    from public_order
    join townships on townships.code = public_order.area_code
    cross join period
    group by township
),

names as (
    select distinct township from townships
),

filled as (
    select
        names.township,
        coalesce(now, 0) as now,
        coalesce(before, 0) as before,
        coalesce(year_ago, 0) as year_ago
    from names
    left join counted on counted.township = names.township
)

select
    township as "乡镇",
    now as "本月",
    now / nullif(cast(sum(now) over () as double), 0) as "占比",
    case when (select delivered from delivery where domain = 'public_order' and n = 2) then before end as "上月",
    case when (select delivered from delivery where domain = 'public_order' and n = 3) then year_ago end as "上年同月",
    case
        when now = 0 and (select whole from delivery where domain = 'public_order' and n = 1) then '无'
        when not with_before then null
        when now < before then '下降'
        when now = before then '持平'
        else '上升'
    end as "变化"
from filled
join comparable on comparable.domain = 'public_order'
order by now desc, township
