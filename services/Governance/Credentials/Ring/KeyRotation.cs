using System.Text.Json.Nodes;
using System.Threading.Channels;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Credentials;

/// <summary>
/// Changes the keys of the ring. A rotation is two things that may each be cut off anywhere: a new key is put into the file before anything is sealed by it, and what older keys
/// seal is sealed anew in small transactions. What is left to do is seen from what is stored, so any instance goes on with it, also after a crash.
/// </summary>
internal sealed class KeyRotation(KeyRing ring, Database database, IEnumerable<ISealedThings> places, AuditLog audit, TimeProvider time)
{
    private const int Step = 50;

    private readonly ISealedThings[] _places = [.. places];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Something to seal anew may be there.</summary>
    public ChannelReader<bool> Woken => _wake.Reader;

    /// <summary>Adds a key, which seals from now on.</summary>
    public async Task<string> AddKeyAsync(CancellationToken cancellation)
    {
        var (id, key) = KeyRing.NewKey();
        await database.WriteAsync(
            async session =>
            {
                await LockAsync(session).ConfigureAwait(false);
                await audit.AppendAsync(session, [new AuditEvent("keyring.rotate") { Kind = "keyring", EntryId = id, Detail = new JsonObject { ["before"] = ring.File.Current } }]).ConfigureAwait(false);
                await ring.ChangeAsync(file => file.With(id, key, time.GetUtcNow()), cancellation).ConfigureAwait(false);
                return true;
            },
            cancellation).ConfigureAwait(false);
        _wake.Writer.TryWrite(true);
        return id;
    }

    /// <summary>Takes a key out that seals nothing; returns why not.</summary>
    public Task<Problem?> RetireAsync(string id, CancellationToken cancellation) => database.WriteAsync(
        async session =>
        {
            // While this is held nobody seals an entry, so nothing can come under the key after the count.
            await LockAsync(session).ConfigureAwait(false);
            if (!ring.File.Keys.ContainsKey(id))
            {
                return Problem.NotFound("key of the ring", id);
            }

            if (ring.File.Current == id)
            {
                return InUse($"The key '{id}' seals what is stored from now on. Rotate the ring first.");
            }

            var sealing = (await CountAsync(session).ConfigureAwait(false)).Of(id);
            if (sealing.Count > 0)
            {
                return InUse($"The key '{id}' still seals {string.Join(", ", sealing.Select(s => $"{s.Value} {s.Key}"))}. They are sealed anew in the background; try again.");
            }

            await audit.AppendAsync(session, [new AuditEvent("keyring.retire") { Kind = "keyring", EntryId = id }]).ConfigureAwait(false);
            await ring.ChangeAsync(file => file.Without(id), cancellation).ConfigureAwait(false);
            return null;
        },
        cancellation);

    /// <summary>What every key seals.</summary>
    public Task<SealCount> CountAsync(CancellationToken cancellation) => database.ReadAsync(CountAsync, cancellation);

    /// <summary>Seals a few things anew; returns how many.</summary>
    public async Task<int> StepAsync(CancellationToken cancellation, int most = Step)
    {
        foreach (var place in _places)
        {
            if (await place.ResealAsync(most, cancellation).ConfigureAwait(false) is > 0 and var done)
            {
                return done;
            }
        }

        return 0;
    }

    private async Task<SealCount> CountAsync(DbSession session)
    {
        var counts = new SealCount();
        foreach (var place in _places)
        {
            await place.CountAsync(session, counts).ConfigureAwait(false);
        }

        return counts;
    }

    private static Task LockAsync(DbSession session) => session.ExecuteAsync("UPDATE config_version SET version = version");

    private static Problem InUse(string detail) => new() { Status = 409, Title = "The key is in use.", Code = "in_use", Detail = detail };
}
