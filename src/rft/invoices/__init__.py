"""Invoices and credit notes: numbered without a gap, frozen, drawn as PDF, handed on to the bookkeeping."""
