-- 诉讼: civil and administrative filings.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events                 number of events
--   settled_or_withdrawn   settled or withdrawn 调撤率, of those that ended
--   diverted               diverted to mediation 分流率, of the filings that say whether they were
--   diverted_unknown       those that do not
with

events as (
    select * from litigation
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(case when outcome in ('settled', 'dropped') then 1 else 0 end) as settled,
        sum(case when outcome <> 'unsolved' then 1 else 0 end) as ended,
        sum(case when diverted then 1 else 0 end) as diverted,
        count(*) - count(diverted) as diverted_unknown
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values (1, 'events'), (2, 'settled_or_withdrawn'), (3, 'diverted'), (4, 'diverted_unknown')
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
            when 2 then settled
            when 3 then diverted
            when 4 then diverted_unknown
        end as num,
        case n
            when 2 then ended
            when 3 then events - diverted_unknown
            else 0
        end as den
    from daily
    cross join names
)

select * from occurred
where num <> 0 or den <> 0
