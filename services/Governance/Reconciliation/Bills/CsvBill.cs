namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>Reads bills that are comma-separated values with a line of headings.</summary>
internal sealed class CsvBill
{
    private const int MostRefused = 1000;
    private readonly CsvForm _form;
    private readonly Dictionary<string, int> _columns;
    private readonly int _width;
    private List<string> _row = [];

    private CsvBill(CsvForm form, List<string> headings, BillOptions options)
    {
        (_form, _width) = (form, headings.Count);
        _columns = headings.Select((h, i) => (Name: BilledUnits.Plain(h), i)).Where(h => h.Name.Length > 0).GroupBy(h => h.Name).ToDictionary(g => g.Key, g => g.First().i, StringComparer.Ordinal);
        foreach (var (meaning, heading) in options.Columns)
        {
            var (known, at) = (Meanings().GetValueOrDefault(meaning), headings.FindIndex(h => h.Trim().Equals(heading, StringComparison.OrdinalIgnoreCase)));
            if (known is not [var name, ..])
            {
                throw new BillException($"'{meaning}' is no meaning of a column. Legal: {string.Join(", ", Meanings().Where(m => m.Value.Count > 0).Select(m => m.Key))}.");
            }

            _columns[name] = at >= 0 ? at : throw new BillException($"The file has no column '{heading}'.");
        }

        foreach (var (meaning, names) in (IEnumerable<(string, IReadOnlyList<string>)>)[("date", form.Date), ("amount", form.Amount)])
        {
            if (!names.Any(_columns.ContainsKey))
            {
                throw new BillException($"The file has no column for the {meaning}: one of {string.Join(", ", names)} is needed.");
            }
        }
    }

    /// <summary>Reads a bill.</summary>
    /// <exception cref="BillException">It is not of this form.</exception>
    public static Bill Read(string text, CsvForm form, BillOptions options)
    {
        var lines = new List<BilledLine>();
        var refused = new List<RefusedLine>();
        var (skipped, count) = (0, 0);
        CsvBill? bill = null;
        foreach (var (number, row) in CsvText.Rows(text))
        {
            if (bill is null)
            {
                bill = new CsvBill(form, row, options);
                continue;
            }

            if (++count > BillSources.MostLines)
            {
                throw new BillException($"A bill has at most {BillSources.MostLines} lines: split it by days.");
            }

            bill._row = row;
            try
            {
                if (row.Count != bill._width)
                {
                    throw new FormatException($"The line has {row.Count} fields, the headings are {bill._width}.");
                }

                if (bill.IsAboutModels())
                {
                    lines.Add(bill.Line());
                }
                else
                {
                    skipped++;
                }
            }
            catch (FormatException wrong)
            {
                refused.Add(refused.Count < MostRefused ? new RefusedLine(number, wrong.Message) : throw new BillException($"More than {MostRefused} lines cannot be read; the first: line {refused[0].Line}: {refused[0].Reason}"));
            }
        }

        return bill is null ? throw new BillException("The file is empty.") : new Bill(lines, refused, skipped);
    }

    private BilledLine Line()
    {
        var amount = Value(_form.Amount) is { Length: > 0 } written ? written : throw new FormatException("The amount is empty.");
        if (_form.DollarAmount is not { } dollars || Value([dollars]).Length == 0)
        {
            BillFields.Currency(Value(_form.Currency));
        }

        var (nanoUsd, tolerance) = BillFields.Money(amount);
        var meter = Value(_form.Meter);
        var (model, unit) = _form.Meter.Count > 0 ? MeterName.Read(meter) : (Value(_form.Model), Unit(Value(_form.Unit)));
        var quantity = Value(_form.Quantity);
        return new BilledLine
        {
            Day = BillFields.Day(Value(_form.Date)),
            Model = BillFields.Text(model),
            Item = BillFields.Text(meter.Length > 0 ? meter : Value(_form.Item)),
            Account = BillFields.Text(Value(_form.Account)),
            CredentialId = BillFields.Text(Value(_form.Credential)),
            Unit = unit,
            Quantity = unit != BilledUnit.Other && quantity.Length > 0 ? BillFields.Quantity(quantity, BillFields.Size(Value(_form.QuantityUnit))) : null,
            NanoUsd = nanoUsd,
            Tolerance = tolerance,
        };
    }

    private static BilledUnit Unit(string name) => name.Length == 0
        ? BilledUnit.Other
        : BilledUnits.Parse(name) ?? throw new FormatException($"The unit '{BillFields.Text(name)}' is unknown. Legal: {string.Join(", ", Enum.GetValues<BilledUnit>().Select(u => u.Name()))}.");

    private bool IsAboutModels() => _form.Words.Count == 0
        || _form.About.Any(c => _columns.TryGetValue(c, out var at) && _form.Words.Any(w => _row[at].Contains(w, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The first of the columns that has something.</summary>
    private string Value(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (_columns.TryGetValue(name, out var at) && _row[at].Trim() is { Length: > 0 } value)
            {
                return value;
            }
        }

        return "";
    }

    private Dictionary<string, IReadOnlyList<string>> Meanings() => new(StringComparer.Ordinal)
    {
        ["date"] = _form.Date, ["amount"] = _form.Amount, ["currency"] = _form.Currency, ["model"] = _form.Model, ["item"] = _form.Item, ["meter"] = _form.Meter,
        ["account"] = _form.Account, ["credential"] = _form.Credential, ["unit"] = _form.Unit, ["quantity"] = _form.Quantity,
    };
}
