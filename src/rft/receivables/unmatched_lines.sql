-- Lines by what became of them, with what is left of each. What stands in braces is the code's own.
select line.id, line.booked_on, line.amount, line.counterparty, line.description, line.statement_id,
       line.amount - matched.amount as left_over, matched.orders, aside.reason as set_aside_because
  from bank_lines as line
 cross join lateral (
       select coalesce(sum(match.amount), 0.00) as amount, coalesce(array_agg(placed.reference order by match.id), '{{}}') as orders
         from bank_matches as match join orders as placed on placed.id = match.order_id
        where match.line_id = line.id) as matched
  left join bank_lines_set_aside as aside on aside.line_id = line.id
 where {window} and {state}
 {order}
