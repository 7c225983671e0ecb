using FsCheck;
using FsCheck.Fluent;

namespace Gateway.Audit.Tests;

/// <summary>Whatever single thing is done to a log, it is found, and what is named is what was touched.</summary>
public sealed class MutationTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(400);

    [Fact]
    public void A_log_that_nobody_touched_is_intact() => ForAll((random, log) =>
    {
        var verdict = Logs.Verify(log, Logs.Checkpoints(log));
        Assert.Empty(verdict.Findings);
        Assert.Equal(log.Count, verdict.Rows);
    });

    [Fact]
    public void A_changed_byte_is_found_and_its_row_named() => ForAll((random, log) =>
    {
        var file = Logs.File(log);
        var at = random.Next(file.Length);
        byte other;
        do
        {
            other = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)"0123456789abcdef\"{}:,\\ \n"[random.Next(24)];
        }
        while (other == file[at]);
        var touched = log[file.AsSpan(0, at).Count((byte)'\n')];
        file[at] = other;

        AssertNames(Logs.Verify(file, Logs.Checkpoints(log)), touched);
    });

    [Fact]
    public void A_changed_field_under_a_hash_made_anew_is_found_and_its_row_named() => ForAll((random, log) =>
    {
        var at = random.Next(log.Count);
        var checkpoints = Logs.Checkpoints(log);
        var touched = log[at];
        log[at] = (touched with { Detail = touched.Detail + " ", Reason = touched.Reason + "x" }).Sealed();

        AssertNames(Logs.Verify(log, checkpoints), touched);
    });

    [Fact]
    public void A_deleted_row_is_found_and_named() => ForAll((random, log) =>
    {
        var checkpoints = Logs.Checkpoints(log);
        var touched = log[random.Next(log.Count)];
        log.Remove(touched);

        var verdict = Logs.Verify(log, checkpoints);
        AssertNames(verdict, touched, AuditFindingKind.Deleted, AuditFindingKind.Cut);
        Assert.Single(verdict.Findings);
    });

    [Fact]
    public void A_swap_is_found_and_one_of_the_two_named() => ForAll((random, log) =>
    {
        var checkpoints = Logs.Checkpoints(log);
        var chain = log.Where(r => r.Chain == log[0].Chain).ToList();
        if (chain.Count < 2)
        {
            return;
        }

        var one = chain[random.Next(chain.Count - 1)];
        var other = chain[chain.IndexOf(one) + 1 + random.Next(chain.Count - chain.IndexOf(one) - 1)];
        var (i, k) = (log.IndexOf(one), log.IndexOf(other));
        (log[i], log[k]) = (other, one);

        var verdict = Logs.Verify(log, checkpoints);
        Assert.Contains(verdict.Findings, f => f.Chain == one.Chain && f.Kind == AuditFindingKind.Reordered && (f.First == one.Sequence || f.First == other.Sequence));
        Assert.All(verdict.Findings, f => Assert.Equal(AuditFindingKind.Reordered, f.Kind));
    });

    [Fact]
    public void An_inserted_row_is_found_and_named() => ForAll((random, log) =>
    {
        var checkpoints = Logs.Checkpoints(log);
        var model = log[random.Next(log.Count)];
        var forged = random.Next(2) == 0 ? model : (model with { Reason = "forged" }).Sealed();
        log.Insert(random.Next(log.Count + 1), forged);

        AssertNames(Logs.Verify(log, checkpoints), forged);
    });

    [Fact]
    public void A_cut_end_is_found_and_told_from_where() => ForAll((random, log) =>
    {
        var checkpoints = Logs.Checkpoints(log);
        var at = random.Next(log.Count);
        var gone = log[at..];
        log.RemoveRange(at, gone.Count);

        var verdict = Logs.Verify(log, checkpoints);
        foreach (var chain in gone.GroupBy(r => r.Chain))
        {
            var finding = Assert.Single(verdict.Findings, f => f.Chain == chain.Key);
            Assert.Equal((AuditFindingKind.Cut, chain.Min(r => r.Sequence), chain.Max(r => r.Sequence)), (finding.Kind, finding.First, finding.Last));
        }
    });

    [Fact]
    public void A_chain_written_anew_from_a_row_on_is_found_by_the_next_checkpoint() => ForAll((random, log) =>
    {
        var checkpoints = Logs.Checkpoints(log);
        var at = random.Next(log.Count);
        var touched = log[at];
        log[at] = (touched with { ActorName = "somebody else" }).Sealed();
        var before = log[at];
        for (var i = at + 1; i < log.Count; i++)
        {
            if (log[i].Chain == touched.Chain)
            {
                before = log[i] = (log[i] with { Previous = before.Hash }).Sealed();
            }
        }

        AssertNames(Logs.Verify(log, checkpoints), touched, AuditFindingKind.Rewritten);
    });

    [Fact]
    public void A_log_cut_at_an_anchor_stays_verifiable_and_every_deletion_in_the_rest_is_found() => ForAll((random, log) =>
    {
        var chain = log.Where(r => r.Chain == log[0].Chain).ToList();
        var anchor = chain[random.Next(chain.Count)];
        var rest = chain.Where(r => r.Sequence > anchor.Sequence).ToList();
        List<AuditCheckpoint> checkpoints = [.. Logs.Checkpoints(chain), Logs.Sign(anchor, CheckpointPurpose.Anchor)];

        Assert.Empty(Logs.Verify(rest, checkpoints).Findings);
        Assert.Empty(Logs.Verify(chain, checkpoints).Findings);
        if (rest.Count > 0)
        {
            var touched = rest[random.Next(rest.Count)];
            rest.Remove(touched);
            AssertNames(Logs.Verify(rest, checkpoints), touched, AuditFindingKind.Deleted, AuditFindingKind.Cut);
        }
    });

    [Fact]
    public void A_changed_checkpoint_is_not_believed() => ForAll((random, log) =>
    {
        var checkpoints = Logs.Checkpoints(log);
        var at = random.Next(checkpoints.Count);
        var signed = checkpoints[at];
        checkpoints[at] = random.Next(5) switch
        {
            0 => signed with { Sequence = signed.Sequence + 1 },
            1 => signed with { Hash = CanonicalForm.Genesis },
            2 => signed with { AtMicros = 1 },
            3 => signed with { Purpose = CheckpointPurpose.Anchor },
            _ => signed with { KeyId = "0123456789abcdef" },
        };

        Assert.Contains(Logs.Verify(log, checkpoints).Findings, f => f.Kind == AuditFindingKind.Checkpoint && f.Chain == signed.Chain);
    });

    private static void AssertNames(AuditVerdict verdict, AuditRow row, params AuditFindingKind[] kinds) => Assert.Contains(
        verdict.Findings,
        f => f.Chain == row.Chain && f.First <= row.Sequence && row.Sequence <= f.Last && (kinds.Length == 0 || kinds.Contains(f.Kind)));

    private static void ForAll(Action<Random, List<AuditRow>> property)
        => Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
#pragma warning disable CA5394 // Which byte is damaged is no secret.
            var random = new Random(seed);
            property(random, Logs.Make(random, 1 + random.Next(40), 1 + random.Next(3)));
#pragma warning restore CA5394
        }).Check(Many);
}
