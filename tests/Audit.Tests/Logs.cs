using System.Text;

namespace Gateway.Audit.Tests;

/// <summary>Makes logs to damage.</summary>
internal static class Logs
{
    public static CheckpointKeys Keys { get; } = CheckpointKeys.Read(CheckpointKeys.NewPrivatePem())!;

    /// <summary>Chains one after the other in turns, with texts of all sorts.</summary>
    public static List<AuditRow> Make(Random random, int rows, int chains)
    {
        var heads = new (long Sequence, string Hash)[chains];
        Array.Fill(heads, (0, CanonicalForm.Genesis));
        var log = new List<AuditRow>();
        for (var i = 0; i < rows; i++)
        {
            var at = random.Next(chains);
            var row = new AuditRow
            {
                Chain = at == 0 ? "gateway" : $"customer:c{at}",
                Sequence = heads[at].Sequence + 1,
                AtMicros = 1_790_000_000_000_000 + i,
                ActorId = Text(random),
                ActorName = Text(random),
                ActorRole = "owner",
                Action = i % 3 == 0 ? "create" : "change",
                Kind = "team",
                EntryId = $"t{random.Next(5)}",
                Detail = $$$"""{"after":{"name":"{{{random.Next(100)}}}"}}""",
                RequestId = Text(random),
                Reason = Text(random),
                Previous = heads[at].Hash,
            }.Sealed();
            heads[at] = (row.Sequence, row.Hash);
            log.Add(row);
        }

        return log;
    }

    public static AuditCheckpoint Sign(AuditRow row, CheckpointPurpose purpose = CheckpointPurpose.Checkpoint)
        => Keys.Sign(new AuditCheckpoint { Chain = row.Chain, Sequence = row.Sequence, Hash = row.Hash, AtMicros = row.AtMicros, Purpose = purpose, KeyId = "" });

    /// <summary>A checkpoint at the end of each chain and some before.</summary>
    public static List<AuditCheckpoint> Checkpoints(IReadOnlyList<AuditRow> log, int every = 7)
        => [.. log.GroupBy(r => r.Chain).SelectMany(g => g.Where((r, i) => i % every == every - 1 || i == g.Count() - 1)).Select(r => Sign(r))];

    public static byte[] File(IEnumerable<AuditRow> log)
    {
        using var bytes = new MemoryStream();
        foreach (var row in log)
        {
            bytes.Write(AuditLines.Write(row));
            bytes.WriteByte((byte)'\n');
        }

        return bytes.ToArray();
    }

    public static AuditVerdict Verify(ReadOnlySpan<byte> file, IEnumerable<AuditCheckpoint> checkpoints)
    {
        var verifier = new AuditVerifier(checkpoints, Keys);
        long number = 0;
        while (file.Length > 0)
        {
            var end = file.IndexOf((byte)'\n');
            verifier.AddLine(end < 0 ? file : file[..end], ++number);
            file = end < 0 ? [] : file[(end + 1)..];
        }

        return verifier.Finish();
    }

    public static AuditVerdict Verify(IEnumerable<AuditRow> log, IEnumerable<AuditCheckpoint> checkpoints) => Verify(File(log), checkpoints);

    private static string Text(Random random)
    {
        string[] parts = ["", "a", "0:", ",", "\"", "\\", "\n", "é", "漢", "\U0001F600", "<", "'", " ", "\u2028", "\0"];
        var text = new StringBuilder();
        for (var i = random.Next(6); i > 0; i--)
        {
            text.Append(parts[random.Next(parts.Length)]);
        }

        return text.ToString();
    }
}
