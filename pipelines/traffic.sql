-- 交通安全: crashes and violations.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events         number of events
--   injured        persons injured
--   deaths         persons killed
with

events as (
    select * from traffic
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        coalesce(sum(injured), 0) as injured,
        coalesce(sum(deaths), 0) as deaths
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('injured'), ('deaths')
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
            when 'injured' then injured
            when 'deaths' then deaths
        end as num,
        case indicator
            when 'events' then 0
            when 'injured' then 0
            when 'deaths' then 0
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
