"""Bank statements as the banks write them: each main bank's CSV, CAMT.053, and files that are wrong."""

from datetime import date
from decimal import Decimal

import pytest

from rft.receivables.bank import read_statement
from rft.receivables.errors import StatementNotValid
from rft.receivables.statements import MOST_BYTES, MOST_LINES, numbered

BANKS = {
    "barclays": "Number,Date,Account,Amount,Subcategory,Memo\n ,03/12/2026,20-00-00 1234,75.00,FT,NORTHERN MILLS ORD7K\n",
    "hsbc": "Date,Type,Description,Paid out,Paid in,Balance\n03 Dec 2026,CR,NORTHERN MILLS ORD7K,,75.00,100.00\n",
    "hsbc personal": "03/12/2026,NORTHERN MILLS ORD7K,75.00\n",
    "lloyds": "Transaction Date,Transaction Type,Sort Code,Account Number,Transaction Description,Debit Amount,Credit Amount,Balance\n"
    "03/12/2026,FPI,'30-00-00,1234,NORTHERN MILLS ORD7K,,75.00,100\n",
    "natwest": 'Date,Type,Description,Value,Balance,Account Name,Account Number\n03 Dec 2026,BAC,"NORTHERN MILLS ORD7K",75,1,R,1\n',
    "nationwide": '"Account Name:","R"\n\n"Date","Transaction type","Description","Paid out","Paid in","Balance"\n'
    '"03 Dec 2026","Transfer","NORTHERN MILLS ORD7K","","£75.00","£1,000.00"\n',
    "starling": "Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP)\n03/12/2026,Northern Mills,ORD7K,FASTER PAYMENT,75.00,1\n",
    "monzo": "Transaction ID,Date,Time,Type,Name,Category,Amount,Currency,Notes and #tags,Description\n"
    "tx_1,03/12/2026,09:30:00,Faster payment,Northern Mills,Income,75.00,GBP,,ORD7K\n",
    "tide": "Date,Transaction ID,Transaction description,Reference,Paid in,Paid out\n2026-12-03,1,Northern Mills,ORD7K,75.00,\n",
    "old spreadsheets": "Date,Details,Amount\r03/12/2026,Northern Mills ORD7K,75.00\r",
    "semicolons": "Booking date;Details;Amount\n2026-12-03;Northern Mills ORD7K;+75.00\n",
}
CAMT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>GB33BUKB20201555555555</IBAN></Id></Acct>
<Ntry><Amt Ccy="GBP">75.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-12-03</Dt></BookgDt>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RltdPties><Dbtr><Nm>Northern Mills</Nm></Dbtr></RltdPties>
<RmtInf><Ustrd>ORD7K</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="GBP">150.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-12-03T10:00:00</DtTm></BookgDt>
<NtryDtls><TxDtls><Amt Ccy="GBP">100.00</Amt></TxDtls><TxDtls><Amt Ccy="GBP">50.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="GBP">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-12-04</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="GBP">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts><BookgDt><Dt>2026-12-04</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><Document>&c;</Document>'


@pytest.mark.parametrize("bank", BANKS)
def test_each_banks_columns_are_found(bank: str) -> None:
    [line] = read_statement(BANKS[bank].encode()).lines
    assert (line.booked_on, line.amount) == (date(2026, 12, 3), Decimal("75.00"))
    said = f"{line.counterparty} {line.description}".lower()
    assert "northern mills" in said
    assert "ord7k" in said


def test_money_that_went_out_is_below_nothing() -> None:
    text = "Date,Description,Amount,Paid in\n03/12/2026,Fee,-1.20,\n03/12/2026,Fee,(1.20),\n03/12/2026,Fee,1.20-,\n"
    assert {line.amount for line in read_statement(text.encode()).lines} == {Decimal("-1.20")}
    split = "Date,Description,Paid in,Paid out\n03/12/2026,Rent,,1200.00\n"
    assert [line.amount for line in read_statement(split.encode("cp1252")).lines] == [Decimal("-1200.00")]


def test_camt_is_read_payment_by_payment_and_only_what_is_booked() -> None:
    statement = read_statement(CAMT.encode())
    assert [str(line.amount) for line in statement.lines] == ["75.00", "100.00", "50.00", "-9.00"]
    first = statement.lines[0]
    assert (first.counterparty, first.description, first.account) == (
        "Northern Mills",
        "ORD7K",
        "GB33BUKB20201555555555",
    )


def test_two_payments_that_look_alike_are_two_lines_and_the_same_ones_when_read_again() -> None:
    text = b"Date,Description,Amount\n03/12/2026,School,75.00\n03/12/2026,School,75.00\n"
    marks = [(digest, ordinal) for _, digest, ordinal in numbered(read_statement(text).lines)]
    assert len(set(marks)) == 2
    assert marks == [(digest, ordinal) for _, digest, ordinal in numbered(read_statement(text).lines)]


def test_wrong_rows_are_told_by_number_and_nothing_is_read() -> None:
    text = "Date,Description,Amount\n03/12/2026,a,1.00\n31/02/2026,b,1.00\n\n04/12/2026,c,one\n"
    with pytest.raises(StatementNotValid) as caught:
        read_statement(text.encode())
    assert caught.value.wrong == ["Row 3: “31/02/2026” is not a day.", "Row 5: “one” is not an amount of money."]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"a,b\n1,2\n", b"Date,Description,Amount\n", b"<a/>", b"<Document>", BOMB.encode(), b"\x00\x01\x02",
        CAMT.replace('Ccy="GBP"', 'Ccy="EUR"').encode(), b"Date,Amount,Currency\n03/12/2026,1.00,EUR\n", b"x" * (MOST_BYTES + 1),
        b"Date,Amount\n" + b"03/12/2026,1.00\n" * (MOST_LINES + 1),
        b"Date,Description,Amount\n03/12/2026," + b"x" * 200_000 + b",1.00\n",
        CAMT.replace("UTF-8", "nobodys-own").encode(), CAMT.replace("UTF-8", "base64").encode(),
        CAMT.replace("<Dt>2026", "<Dt>0001").encode(),
    ],
)  # fmt: skip
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    with pytest.raises(StatementNotValid):
        read_statement(content)
