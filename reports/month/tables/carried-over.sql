-- title: 结转、办结和未结情况
-- definition: 上月结转为月初以前发生、月初尚未办结的件；本月新收为当月发生的件；月末未结为其中月末尚未办结的件，本月办结为前两项之和减去月末未结；超期为月末未结中期限日在月末之前的件。办结时间未填报但已有结果的，视为在发生当时办结；所有件的办结时间和结果都未填报的领域，除新收外为“—”。
-- domain: disputes petitions requests
-- part: domains
-- requires: disputes.resolved_at disputes.outcome petitions.resolved_at petitions.outcome requests.resolved_at requests.outcome
with events as (
    select 'disputes' as domain, 1 as place, '矛盾纠纷' as name, day, resolved_at, outcome, due_day from disputes
    union all
    select 'petitions', 2, '信访', day, resolved_at, outcome, due_day from petitions
    union all
    select 'requests', 3, '群众诉求', day, resolved_at, outcome, due_day from requests
),

cases as (
    select
        domain,
        place,
        name,
        day,
        due_day,
        resolved_at is null and (outcome is null or outcome = 'unsolved') as open,
        cast(floor((date_part('epoch', resolved_at) + offset_seconds) / 86400) as bigint) as resolved_day
    from period
    cross join events
    where day <= month_end
),

counted as (
    select
        domain,
        place,
        name,
        count(*) filter (where day < month_start and (open or resolved_day >= month_start_epoch_day)) as carried,
        count(*) filter (where day >= month_start) as received,
        count(*) filter (where open or resolved_day > month_end_epoch_day) as left_open,
        count(*) filter (where (open or resolved_day > month_end_epoch_day) and due_day < month_end) as overdue,
        count(*) filter (where not open) > 0 as says_ended
    from period
    cross join cases
    group by domain, place, name
)

select
    name as "领域",
    case when says_ended then carried end as "上月结转",
    received as "本月新收",
    case when says_ended then carried + received - left_open end as "本月办结",
    case when says_ended then left_open end as "月末未结",
    case when says_ended then overdue end as "其中超期"
from counted
join delivery on delivery.domain = counted.domain and delivery.n = 1 and delivery.delivered
order by place
