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
--   answered_in_time   answered by the limit, of those that fell due and are open or say when they were answered
--   …_unknown          of reach, answered_in_time: those that do not say it
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
        coalesce(sum(reach), 0) as reach,
        count(*) - count(reach) as reach_unknown
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values (1, 'events'), (2, 'reach'), (3, 'reach_unknown')
),

occurred as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case n
            when 1 then events
            when 2 then reach
            when 3 then reach_unknown
        end as num,
        0 as den
    from daily
    cross join names
),

due as (
    select
        due_day as day,
        recorded_day,
        area_code,
        category,
        count(*) as cases,
        sum(case when resolved_at <= due_at then 1 else 0 end) as answered_in_time,
        sum(case when resolved_at is null and outcome <> 'unsolved' then 1 else 0 end) as answered_at_unknown
    from events
    where due_day is not null
    group by due_day, recorded_day, area_code, category
),

due_names (n, indicator) as (
    values (1, 'answered_in_time'), (2, 'answered_in_time_unknown')
),

fell_due as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case n
            when 1 then answered_in_time
            when 2 then answered_at_unknown
        end as num,
        case n
            when 1 then cases - answered_at_unknown
            else 0
        end as den
    from due
    cross join due_names
),

increments as (
    select * from occurred
    union all
    select * from fell_due
)

select * from increments
where num <> 0 or den <> 0
