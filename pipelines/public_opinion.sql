-- 网络舆情: distinct negative stories.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event; for answered_in_time: the day it fell due
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events             number of events
--   reach              reads and shares
--   answered_in_time   answered by the limit, of those that fell due
with

events as (
    select * from public_opinion
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        coalesce(sum(reach), 0) as reach
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('reach')
),

occurred as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case indicator
            when 'events' then events
            when 'reach' then reach
        end as num,
        case indicator
            when 'events' then 0
            when 'reach' then 0
        end as den
    from daily
    cross join names
),

fell_due as (
    select
        due_day as day,
        recorded_day,
        area_code,
        'answered_in_time' as indicator,
        category,
        sum(case when resolved_at <= due_at then 1 else 0 end) as num,
        count(*) as den
    from events
    where due_day is not null
    group by due_day, recorded_day, area_code, category
),

increments as (
    select * from occurred
    union all
    select * from fell_due
)

select * from increments
where num <> 0 or den <> 0
