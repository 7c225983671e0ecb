using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.Governance.Credentials;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage.Partitions;

namespace Gateway.Governance.RequestLog.Storage;

/// <summary>The keys of one month: what its bodies are sealed by, and what its words are hashed by.</summary>
internal sealed class MonthKeys
{
    private const int KeyBytes = 32;

    public MonthKeys(byte[] secret)
    {
        Bodies = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, info: "bodies"u8.ToArray());
        Words = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyBytes, info: "words"u8.ToArray());
    }

    public byte[] Bodies { get; }

    public byte[] Words { get; }
}

/// <summary>
/// The secret of each month, sealed by the key ring: a rotation of the ring seals a few secrets anew and not millions of bodies, and what lies of a month's bodies anywhere can no
/// longer be read once its secret is gone.
/// </summary>
internal sealed class LogSecrets(Database database, KeyRing ring) : ISealedThings
{
    private const int SecretBytes = 32;

    private readonly ConcurrentDictionary<UsageMonth, MonthKeys> _known = new();

    /// <summary>The keys of a month; null where there are none, or where their key of the ring is gone.</summary>
    public async Task<MonthKeys?> FindAsync(DbSession session, UsageMonth month)
    {
        if (_known.TryGetValue(month, out var known))
        {
            return known;
        }

        var row = await session.QueryAsync<Row>("SELECT month, ring_key AS RingKey, sealed FROM request_log_months WHERE month = @Number", month).ConfigureAwait(false);
        return row is [var found] && Open(found) is { } secret ? _known.GetOrAdd(month, new MonthKeys(secret)) : null;
    }

    /// <summary>Makes the secret of a month that has none. Called within the transaction that makes its tables.</summary>
    public async Task EnsureAsync(DbSession session, UsageMonth month)
    {
        // Held until the end, as by everyone who seals: so a key of the ring is not retired between the sealing and the commit.
        await session.ExecuteAsync("UPDATE config_version SET version = version").ConfigureAwait(false);
        var box = ring.Seal(BoundTo(month), "", Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));
        await session.ExecuteAsync(
            "INSERT INTO request_log_months (month, ring_key, sealed) VALUES (@Number, @KeyId, @Sealed) ON CONFLICT (month) DO NOTHING",
            new { month.Number, box.KeyId, box.Sealed }).ConfigureAwait(false);
    }

    /// <summary>Forgets the secret of a month: what was sealed by it is lost for good.</summary>
    public async Task DestroyAsync(DbSession session, UsageMonth month)
    {
        await session.ExecuteAsync("DELETE FROM request_log_months WHERE month = @Number", month).ConfigureAwait(false);
        Forget(month);
    }

    public void Forget(UsageMonth month) => _known.TryRemove(month, out _);

    public async Task CountAsync(DbSession session, SealCount counts)
    {
        foreach (var row in await RowsAsync(session).ConfigureAwait(false))
        {
            counts.Add(row.RingKey, "months of the request log");
        }
    }

    public async Task<int> ResealAsync(int most, CancellationToken cancellation)
    {
        var old = (await database.ReadAsync(RowsAsync, cancellation).ConfigureAwait(false)).Where(r => r.RingKey != ring.Current && ring.Knows(r.RingKey)).Take(most).ToList();
        return old.Count == 0 ? 0 : await database.WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("UPDATE config_version SET version = version").ConfigureAwait(false);
                var done = 0;
                foreach (var row in old)
                {
                    if (Open(row) is { } secret)
                    {
                        var box = ring.Seal(BoundTo(new UsageMonth(row.Month)), "", Convert.ToBase64String(secret));
                        done += await session.ExecuteAsync(
                            "UPDATE request_log_months SET ring_key = @KeyId, sealed = @Sealed WHERE month = @Month AND sealed = @old",
                            new { box.KeyId, box.Sealed, row.Month, old = row.Sealed }).ConfigureAwait(false);
                    }
                }

                return done;
            },
            cancellation).ConfigureAwait(false);
    }

    private static Task<IReadOnlyList<Row>> RowsAsync(DbSession session) => session.QueryAsync<Row>("SELECT month, ring_key AS RingKey, sealed FROM request_log_months ORDER BY month");

    private byte[]? Open(Row row) =>
        ring.Open(new StoredCredential { Id = BoundTo(new UsageMonth(row.Month)), ProviderId = "", KeyId = row.RingKey, Sealed = row.Sealed }) is { } text ? Convert.FromBase64String(text) : null;

    private static string BoundTo(UsageMonth month) => $"request-log:{month.Number}";

    private sealed class Row
    {
        public int Month { get; init; }

        public required string RingKey { get; init; }

        public required string Sealed { get; init; }
    }
}
