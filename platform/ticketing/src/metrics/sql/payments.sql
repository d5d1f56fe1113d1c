-- A line for every state, also for one that no payment is in: an alert needs the 0.
select status, count(payments.status)
from unnest(array['pending', 'requires_action', 'declined', 'succeeded', 'refunding', 'refunded', 'canceled']) status
left join payments using (status)
group by status
