-- 公共安全: fire, workplace, disaster, campus, food, drowning, epidemic.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events         number of events
--   persons        persons affected; an event without a figure counts as one
--   deaths         persons killed
--   deaths_unknown events that do not say it
with

events as (
    select * from public_safety
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(coalesce(persons, 1)) as persons,
        coalesce(sum(deaths), 0) as deaths,
        count(*) - count(deaths) as deaths_unknown
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values (1, 'events'), (2, 'persons'), (3, 'deaths'), (4, 'deaths_unknown')
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
            when 2 then persons
            when 3 then deaths
            when 4 then deaths_unknown
        end as num,
        0 as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
