-- 社会治安: police incidents and public-order cases.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events           number of events
--   detection_rate   solved, of those with a known outcome
with

events as (
    select * from public_order
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(case when outcome = 'solved' then 1 else 0 end) as solved,
        count(outcome) as judged
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('detection_rate')
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
            when 'detection_rate' then solved
        end as num,
        case indicator
            when 'events' then 0
            when 'detection_rate' then judged
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
