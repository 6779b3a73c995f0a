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
--   …_unknown      of injured, deaths: num those that do not say it, den the violations among them, which need not
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
        count(*) - count(injured) as injured_unknown,
        coalesce(sum(deaths), 0) as deaths,
        count(*) - count(deaths) as deaths_unknown
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values
        (1, 'events'), (2, 'injured'), (3, 'deaths'), (4, 'injured_unknown'), (5, 'deaths_unknown')
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
            when 2 then injured
            when 3 then deaths
            when 4 then injured_unknown
            when 5 then deaths_unknown
        end as num,
        case n
            when 4 then case when category = 'violation' then injured_unknown else 0 end
            when 5 then case when category = 'violation' then deaths_unknown else 0 end
            else 0
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
