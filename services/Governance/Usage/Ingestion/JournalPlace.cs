using System.Globalization;

namespace Gateway.Governance.Usage.Ingestion;

/// <summary>Where a record lies in its edge's journal, which its id says: the run that wrote it, and a number that grows from record to record.</summary>
internal readonly record struct JournalPlace(string Writer, long Sequence)
{
    private const int WriterDigits = 16;

    /// <summary>Reads an id. Ids that were not given by a journal (of provider batches, of sums) look the same; their writers are nobody's.</summary>
    public static JournalPlace Of(string id)
        => new(id[..WriterDigits], unchecked((long)ulong.Parse(id.AsSpan(WriterDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
}
