using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Credentials;
using Gateway.Governance.Entries;
using Gateway.Governance.Storage;

namespace Gateway.Governance.Idempotency;

/// <summary>An answer that is given again.</summary>
internal sealed record KeptAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>What became of a request under its key.</summary>
internal enum KeyState
{
    /// <summary>It is ours to carry out.</summary>
    Ours = 0,

    /// <summary>It is being carried out.</summary>
    Running = 1,

    /// <summary>It was carried out, and its answer was lost.</summary>
    AnswerLost = 2,

    /// <summary>It was carried out.</summary>
    Answered = 3,

    /// <summary>The key was used for another request.</summary>
    Reused = 4,
}

/// <summary>
/// Requests by their <c>Idempotency-Key</c>. Answers are kept for 24 hours, encrypted under the key ring, since some show a secret once. A change of entries marks its request in
/// its own transaction, so that a request is never carried out twice, even when the process ends before the answer is kept.
/// </summary>
internal sealed class IdempotentAnswers(Database database, KeyRing ring, IHttpContextAccessor accessor, TimeProvider time) : IChangeRecorder, ISealedThings
{
    public static readonly TimeSpan Kept = TimeSpan.FromHours(24);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private static readonly object Current = new();

    public async Task<(KeyState State, KeptAnswer? Answer)> BeginAsync(string id, string request, HttpContext context, CancellationToken cancellation)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (state, sealedAnswer) = await database.WriteAsync(session => BeginAsync(session, id, request, now), cancellation).ConfigureAwait(false);
        if (state == KeyState.Ours)
        {
            context.Items[Current] = id;
            return (state, null);
        }

        return state == KeyState.Answered && Open(id, sealedAnswer) is { } answer ? (state, answer) : (state == KeyState.Answered ? KeyState.AnswerLost : state, null);
    }

    /// <summary>Keeps the answer of a request that was carried out.</summary>
    public Task KeepAsync(string id, KeptAnswer answer)
    {
        var kept = ring.Seal(Bound(id), "", JsonSerializer.Serialize(answer, KeptAnswerJson.Default.KeptAnswer));
        return database.WriteAsync(
            s => s.ExecuteAsync("UPDATE idempotency_keys SET state = 2, answer = @answer WHERE id = @id", new { id, answer = $"{kept.KeyId}:{kept.Sealed}" }), CancellationToken.None);
    }

    /// <summary>Forgets a request that changed nothing: it may be sent again.</summary>
    public Task ForgetAsync(string id) => database.WriteAsync(s => s.ExecuteAsync("DELETE FROM idempotency_keys WHERE id = @id AND state = 0", new { id }), CancellationToken.None);

    public Task RecordAsync(DbSession session, RecordedChange change)
        => accessor.HttpContext?.Items[Current] is string id ? session.ExecuteAsync("UPDATE idempotency_keys SET state = 1 WHERE id = @id", new { id }) : Task.CompletedTask;

    public async Task CountAsync(DbSession session, SealCount counts)
    {
        foreach (var key in await session.QueryAsync<string>("SELECT substr(answer, 1, 100) FROM idempotency_keys WHERE state = 2").ConfigureAwait(false))
        {
            counts.Add(key.Split(':')[0], "idempotencyAnswers");
        }
    }

    public async Task<int> ResealAsync(int most, CancellationToken cancellation)
    {
        var found = await database.ReadAsync(
            session => session.QueryAsync<SealedAnswer>(
                "SELECT id, answer FROM idempotency_keys WHERE state = 2 AND answer NOT LIKE @current ORDER BY id", new { current = ring.Current + ":%" }),
            cancellation).ConfigureAwait(false);
        var done = 0;
        foreach (var old in found)
        {
            if (done < most && OpenText(old.Id, old.Answer) is { } text)
            {
                var box = ring.Seal(Bound(old.Id), "", text);
                done += await database.WriteAsync(
                    s => s.ExecuteAsync(
                        "UPDATE idempotency_keys SET answer = @answer WHERE id = @Id AND answer = @old", new { answer = $"{box.KeyId}:{box.Sealed}", old.Id, old = old.Answer }),
                    cancellation).ConfigureAwait(false);
            }
        }

        return done;
    }

    private static async Task<(KeyState State, string Answer)> BeginAsync(DbSession session, string id, string request, long now)
    {
        await session.ExecuteAsync("DELETE FROM idempotency_keys WHERE started_at < @before", new { before = now - (long)Kept.TotalMilliseconds }).ConfigureAwait(false);
        var isOurs = await session.ExecuteAsync(
            "INSERT INTO idempotency_keys (id, request, state, started_at, answer) VALUES (@id, @request, 0, @now, '') ON CONFLICT (id) DO NOTHING", new { id, request, now }).ConfigureAwait(false) > 0;
        if (isOurs)
        {
            return (KeyState.Ours, "");
        }

        var rows = await session.QueryAsync<Row>("SELECT request, state, started_at AS StartedAt, answer FROM idempotency_keys WHERE id = @id", new { id }).ConfigureAwait(false);
        if (rows is not [var row])
        {
            return (KeyState.Running, "");
        }

        if (row.Request != request)
        {
            return (KeyState.Reused, "");
        }

        if (row.State == 2)
        {
            return (KeyState.Answered, row.Answer);
        }

        if (row.StartedAt > now - (long)Longest.TotalMilliseconds)
        {
            return (KeyState.Running, "");
        }

        // Whoever began it is gone. What it had committed is marked; otherwise nothing had come of it.
        return row.State == 0
            && await session.ExecuteAsync("UPDATE idempotency_keys SET started_at = @now WHERE id = @id AND started_at = @StartedAt AND state = 0", new { id, now, row.StartedAt }).ConfigureAwait(false) > 0
                ? (KeyState.Ours, "")
                : (KeyState.AnswerLost, "");
    }

    private KeptAnswer? Open(string id, string answer)
        => OpenText(id, answer) is { } text ? JsonSerializer.Deserialize(text, KeptAnswerJson.Default.KeptAnswer) : null;

    private string? OpenText(string id, string answer)
    {
        var colon = answer.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? ring.Open(new StoredCredential { Id = Bound(id), ProviderId = "", KeyId = answer[..colon], Sealed = answer[(colon + 1)..] }) : null;
    }

    public static string Hash(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Bound(string id) => $"idempotency:{id}";

    private sealed class SealedAnswer
    {
        public required string Id { get; init; }

        public required string Answer { get; init; }
    }

    private sealed class Row
    {
        public required string Request { get; init; }

        public int State { get; init; }

        public long StartedAt { get; init; }

        public required string Answer { get; init; }
    }
}

[JsonSerializable(typeof(KeptAnswer))]
internal sealed partial class KeptAnswerJson : JsonSerializerContext;
