-- title: 矛盾纠纷流转时限
-- definition: 当月发生的矛盾纠纷。受理及时：上报（未填报的为发生）后时限内受理；分派及时：受理后时限内分派；化解及时：受理后时限内化解。只计两个时间都已填报的件，上报前受理的视为及时。时限见models/month.toml。
-- domain: disputes
-- part: domains
with cases as (
    select
        date_part('epoch', accepted_at) - date_part('epoch', coalesce(reported_at, occurred_at)) as to_accept,
        date_part('epoch', triaged_at) - date_part('epoch', accepted_at) as to_triage,
        date_part('epoch', resolved_at) - date_part('epoch', accepted_at) as to_resolve
    from disputes, period
    where day between month_start and month_end
),

kept as (
    select
        count(*) as cases,
        count(to_accept) as accepted,
        count(*) filter (where to_accept <= accept_hours * 3600) as accepted_in_time,
        count(to_triage) as triaged,
        count(*) filter (where to_triage <= triage_hours * 3600) as triaged_in_time,
        count(to_resolve) as resolved,
        count(*) filter (where to_resolve <= resolve_days * 86400) as resolved_in_time
    from cases, limits
),

steps as (
    select 1 as n, '受理' as step, accept_hours as hours, kept.cases, accepted as known, accepted_in_time as kept from kept, limits
    union all
    select 2, '分派', triage_hours, kept.cases, triaged, triaged_in_time from kept, limits
    union all
    select 3, '化解', resolve_days * 24, kept.cases, resolved, resolved_in_time from kept, limits
)

select
    step as "环节",
    hours as "时限（小时）",
    cases as "发生件数",
    known as "填报时间件数",
    kept as "及时件数",
    kept / nullif(cast(known as double), 0) as "及时率"
from steps
order by n
