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

names (indicator) as (
    values ('events'), ('persons'), ('deaths'), ('deaths_unknown')
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
            when 'persons' then persons
            when 'deaths' then deaths
            when 'deaths_unknown' then deaths_unknown
        end as num,
        case indicator
            when 'events' then 0
            when 'persons' then 0
            when 'deaths' then 0
            when 'deaths_unknown' then 0
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
