-- title: 矛盾纠纷化解层级
-- definition: 当月化解（以化解时间计）且填报化解层级的矛盾纠纷，按化解层级；“小事不出网格、大事不出社区”看网格、村社区两级合计。
-- domain: disputes
-- part: domains
-- requires: disputes.resolved_level
with resolved as (
    select resolved_level as code
    from disputes, period
    where
        resolved_level is not null
        and cast(floor((date_part('epoch', resolved_at) + offset_seconds) / 86400) as bigint)
        between month_start_epoch_day and month_end_epoch_day
),

counted as (
    select code, count(*) as n from resolved group by code
)

select
    labels.label as "化解层级",
    coalesce(n, 0) as "件数",
    coalesce(n, 0) / nullif(cast(sum(n) over () as double), 0) as "占比"
from labels
left join counted on counted.code = labels.code
where labels.list = 'resolved_level'
order by case labels.code when 'grid' then 1 when 'village' then 2 when 'township' then 3 when 'county' then 4 else 5 end
