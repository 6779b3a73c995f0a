-- title: 治安警情时段分布
-- definition: 当月发生的治安警情，按发生时间（当地时间）每两小时分段；占比为占当月有效警情的比重。
-- domain: public_order
-- part: domains
with events as (
    select (cast(floor(date_part('epoch', occurred_at)) as bigint) + offset_seconds) / 3600 % 24 / 2 as slot
    from public_order, period
    where day between month_start and month_end
),

slots (slot, label) as (
    values
        (0, '0—2时'), (1, '2—4时'), (2, '4—6时'), (3, '6—8时'), (4, '8—10时'), (5, '10—12时'),
        (6, '12—14时'), (7, '14—16时'), (8, '16—18时'), (9, '18—20时'), (10, '20—22时'), (11, '22—24时')
),

counted as (
    select slot, count(*) as n from events group by slot
)

select
    slots.label as "时段",
    coalesce(n, 0) as "起数",
    coalesce(n, 0) / nullif(cast(sum(n) over () as double), 0) as "占比"
from slots
left join counted on counted.slot = slots.slot
order by slots.slot
