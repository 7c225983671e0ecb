using Gateway.Audit;

namespace Gateway.Governance.Audit;

/// <summary>Verifies the chains as they lie in the store.</summary>
internal sealed class AuditVerification(AuditQueries queries, Checkpoints checkpoints, SigningKeys signing)
{
    private const int PageRows = 1000;

    public async Task<AuditVerdict> VerifyAsync(string? chain, CancellationToken cancellation)
    {
        for (var again = false; ; again = true)
        {
            var signed = await SignedAsync(chain, cancellation).ConfigureAwait(false);
            var verdict = await VerifyAsync(chain, signed, cancellation).ConfigureAwait(false);

            // The retention may have cut a chain while it was read; then it is read again.
            if (verdict.IsIntact || again || (await SignedAsync(chain, cancellation).ConfigureAwait(false)).Count(IsAnchor) == signed.Count(IsAnchor))
            {
                return verdict;
            }
        }
    }

    private async Task<AuditVerdict> VerifyAsync(string? chain, IReadOnlyList<AuditCheckpoint> signed, CancellationToken cancellation)
    {
        var verifier = new AuditVerifier(signed, await signing.GetAsync(cancellation).ConfigureAwait(false));
        var heads = await queries.HeadsAsync(chain, cancellation).ConfigureAwait(false);
        foreach (var head in heads)
        {
            // A chain without a head is read to its end: its rows are told of as rows beyond every account.
            var upTo = head.Hash.Length == 0 ? long.MaxValue : head.Sequence;
            for (var after = 0L; ;)
            {
                var rows = await queries.ChainAsync(head.Chain, after, upTo, PageRows, cancellation).ConfigureAwait(false);
                foreach (var row in rows)
                {
                    verifier.Add(row);
                }

                if (rows.Count < PageRows)
                {
                    break;
                }

                after = rows[^1].Sequence;
            }
        }

        return verifier.Finish(heads.Where(h => h.Hash.Length > 0).ToDictionary(h => h.Chain, h => (h.Sequence, h.Hash), StringComparer.Ordinal));
    }

    private async Task<IReadOnlyList<AuditCheckpoint>> SignedAsync(string? chain, CancellationToken cancellation)
    {
        var signed = new List<AuditCheckpoint>();
        for (var after = 0L; ;)
        {
            var page = await checkpoints.ReadAsync(chain, after, PageRows, cancellation).ConfigureAwait(false);
            signed.AddRange(page.Select(c => c.ToCheckpoint()));
            if (page.Count < PageRows)
            {
                return signed;
            }

            after = page[^1].Number;
        }
    }

    private static bool IsAnchor(AuditCheckpoint checkpoint) => checkpoint.Purpose == CheckpointPurpose.Anchor;
}
