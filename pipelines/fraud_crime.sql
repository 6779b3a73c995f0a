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
--   loss_unknown   num those that do not say it, den those of them that need not: all but frauds, thefts and fundraising
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
        coalesce(cast(sum(amount) * 100 as bigint), 0) as loss,
        count(*) - count(amount) as loss_unknown
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values (1, 'events'), (2, 'loss'), (3, 'loss_unknown')
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
            when 2 then loss
            when 3 then loss_unknown
        end as num,
        case n
            when 3 then
                case
                    when category in ('telecom_fraud', 'fraud', 'theft_crime', 'illegal_fundraising') then 0
                    else loss_unknown
                end
            else 0
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
