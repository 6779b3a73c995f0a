-- 刑事与电诈: filed criminal cases.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events         number of events
--   loss           money lost, in fen (0.01 CNY)
with

events as (
    select * from fraud_crime
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        coalesce(cast(sum(amount) * 100 as bigint), 0) as loss
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('loss')
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
            when 'loss' then loss
        end as num,
        case indicator
            when 'events' then 0
            when 'loss' then 0
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
