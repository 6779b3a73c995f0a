-- 群众诉求: grid reports, 12345, enterprise code, mini-programme.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event; for closed_in_time: the day it fell due
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events           requests made: measures trust as much as trouble, shown and monitored
--   repeated         repeated, of those known to be first or repeated
--   satisfied        satisfied, of those asked
--   closed_in_grid   closed in the grid, of those closed at a known level
--   closed_in_time   closed by the limit, of those that fell due
with

events as (
    select * from requests
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(case when repeated then 1 else 0 end) as repeated,
        count(repeated) as known,
        sum(case when satisfaction >= 4 then 1 else 0 end) as satisfied,
        count(satisfaction) as asked,
        sum(case when resolved_level = 'grid' then 1 else 0 end) as in_grid,
        count(resolved_level) as levelled
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('repeated'), ('satisfied'), ('closed_in_grid')
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
            when 'repeated' then repeated
            when 'satisfied' then satisfied
            when 'closed_in_grid' then in_grid
        end as num,
        case indicator
            when 'events' then 0
            when 'repeated' then known
            when 'satisfied' then asked
            when 'closed_in_grid' then levelled
        end as den
    from daily
    cross join names
),

fell_due as (
    select
        due_day as day,
        recorded_day,
        area_code,
        'closed_in_time' as indicator,
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
