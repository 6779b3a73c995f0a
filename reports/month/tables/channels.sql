-- title: 矛盾纠纷和群众诉求来源渠道
-- definition: 当月发生的矛盾纠纷、群众诉求，按来源渠道；占比为占本领域当月件数的比重。
-- domain: disputes requests
-- part: domains
with events as (
    select '矛盾纠纷' as name, day, channel from disputes
    union all
    select '群众诉求' as name, day, channel from requests
),

counted as (
    select name, channel, count(*) as n
    from events, period
    where day between month_start and month_end
    group by name, channel
)

select
    name as "领域",
    coalesce(labels.label, '未填报') as "渠道",
    n as "件数",
    n / cast(sum(n) over (partition by name) as double) as "占比"
from counted
left join labels on labels.list = 'channel' and labels.code = counted.channel
order by name, n desc, "渠道"
