-- title: 群众诉求最集中的事项
-- definition: 当月发生的群众诉求，按类型，“其他”除外，件数最多的若干类（models/month.toml，相同的按代码先后）；占比为占全部诉求的比重；环比、同比为件数增减，只比较数据报全的月份，未作检验。
-- domain: requests
-- part: domains
with counted as (
    select
        category,
        count(*) filter (where day between month_start and month_end) as n,
        count(*) filter (where day between before_start and before_end) as before,
        count(*) filter (where day between year_ago_start and year_ago_end) as year_ago
    from requests
    cross join period
    where day between year_ago_start and month_end
    group by category
),

shares as (
    select counted.*, n / nullif(cast(sum(n) over () as double), 0) as share from counted
),

listed as (
    select shares.*, row_number() over (order by n desc, category) as place
    from shares
    where n > 0 and category <> 'other'
)

select
    labels.label as "事项",
    n as "件数",
    share as "占比",
    case when with_before then n / nullif(cast(before as double), 0) - 1 end as "环比",
    case when with_year_ago then n / nullif(cast(year_ago as double), 0) - 1 end as "同比"
from listed
cross join limits
join comparable on comparable.domain = 'requests'
join labels on labels.list = 'category' and labels.domain = 'requests' and labels.code = listed.category
where place <= limits.matters
order by place
