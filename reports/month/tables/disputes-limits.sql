-- title: 矛盾纠纷流转时限
-- definition: 当月发生的矛盾纠纷。受理及时：发生后1小时内受理；分派及时：受理后1小时内分派；化解及时：受理后7日内化解。只计两个时间都已填报的件。时限可在此文件中修改。
-- domain: disputes
-- part: domains
with cases as (
    select
        date_part('epoch', accepted_at) - date_part('epoch', occurred_at) as to_accept,
        date_part('epoch', triaged_at) - date_part('epoch', accepted_at) as to_triage,
        date_part('epoch', resolved_at) - date_part('epoch', accepted_at) as to_resolve
    from disputes, period
    where day between month_start and month_end
),

kept as (
    select 1 as n, '受理（1小时内）' as step, count(to_accept) as known, count(*) filter (where to_accept <= 3600) as kept, count(*) as cases from cases
    union all
    select 2, '分派（1小时内）', count(to_triage), count(*) filter (where to_triage <= 3600), count(*) from cases
    union all
    select 3, '化解（7日内）', count(to_resolve), count(*) filter (where to_resolve <= 604800), count(*) from cases
)

select
    step as "环节",
    cases as "发生件数",
    known as "填报时间件数",
    kept as "及时件数",
    kept / nullif(cast(known as double), 0) as "及时率"
from kept
order by n
