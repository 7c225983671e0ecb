using System.Text;

namespace Gateway.Governance.Reconciliation.Bills;

/// <summary>Reads comma-separated values (RFC 4180): quoted fields may hold commas, quotes and line ends.</summary>
internal static class CsvText
{
    private const int MostColumns = 1000;

    /// <summary>The rows, each with the number of the line that it begins on.</summary>
    /// <exception cref="BillException">A quote is never closed, or a row has too many fields.</exception>
    public static IEnumerable<(int Line, List<string> Fields)> Rows(string text)
    {
        var (line, at) = (1, text.StartsWith('\uFEFF') ? 1 : 0);
        var field = new StringBuilder();
        while (at < text.Length)
        {
            var (first, fields) = (line, new List<string>());
            for (var more = true; more;)
            {
                field.Clear();
                if (at < text.Length && text[at] == '"')
                {
                    at = Quoted(text, at + 1, field, first, ref line);
                }

                while (at < text.Length && text[at] is not (',' or '\r' or '\n'))
                {
                    field.Append(text[at++]);
                }

                fields.Add(field.ToString());
                if (fields.Count > MostColumns)
                {
                    throw new BillException($"Line {first} has more than {MostColumns} fields.");
                }

                more = at < text.Length && text[at] == ',';
                at += more ? 1 : 0;
            }

            if (at < text.Length && text[at] == '\r')
            {
                at++;
            }

            if (at < text.Length && text[at] == '\n')
            {
                at++;
            }

            line++;
            if (fields.Count > 1 || fields[0].Length > 0)
            {
                yield return (first, fields);
            }
        }
    }

    private static int Quoted(string text, int at, StringBuilder field, int first, ref int line)
    {
        while (at < text.Length)
        {
            var c = text[at++];
            if (c == '"')
            {
                if (at >= text.Length || text[at] != '"')
                {
                    return at;
                }

                at++;
            }

            line += c == '\n' ? 1 : 0;
            field.Append(c);
        }

        throw new BillException($"A quote that begins on line {first} is never closed.");
    }
}
