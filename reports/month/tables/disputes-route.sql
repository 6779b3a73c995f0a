-- title: 矛盾纠纷流转路径
-- definition: 一件纠纷的环节按时间先后为受理调解（受理时间）、仲裁、行政裁决、行政复议、信访、诉讼；列当月（以转入时间计）由前一环节转入后一环节的件数和平均间隔天数。
-- domain: disputes
-- part: domains
-- requires: disputes.arbitrated_at disputes.adjudicated_at disputes.reconsidered_at disputes.petitioned_at disputes.sued_at
with steps as (
    select event_id, 1 as n, '受理调解' as step, accepted_at as at from disputes
    union all
    select event_id, 2, '仲裁', arbitrated_at from disputes
    union all
    select event_id, 3, '行政裁决', adjudicated_at from disputes
    union all
    select event_id, 4, '行政复议', reconsidered_at from disputes
    union all
    select event_id, 5, '信访', petitioned_at from disputes
    union all
    select event_id, 6, '诉讼', sued_at from disputes
),

pairs as (
    select
        n as from_n,
        step as from_step,
        date_part('epoch', at) as from_at,
        lead(n) over (partition by event_id order by at, n) as to_n,
        lead(step) over (partition by event_id order by at, n) as to_step,
        date_part('epoch', lead(at) over (partition by event_id order by at, n)) as to_at
    from steps
    where at is not null
)

select
    from_step as "由",
    to_step as "转入",
    count(*) as "件数",
    avg((to_at - from_at) / 86400) as "平均间隔（天）"
from pairs, period
where
    to_at is not null
    and cast(floor((to_at + offset_seconds) / 86400) as bigint) between month_start_epoch_day and month_end_epoch_day
group by from_n, from_step, to_n, to_step
order by from_n, to_n
