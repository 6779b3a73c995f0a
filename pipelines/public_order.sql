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

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values (1, 'events'), (2, 'detection_rate')
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
            when 2 then solved
        end as num,
        case n
            when 2 then judged
            else 0
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
