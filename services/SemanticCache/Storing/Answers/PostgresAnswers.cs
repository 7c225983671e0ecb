using Gateway.Contracts.Cache;
using Gateway.ServiceDefaults.Resilience;
using Npgsql;
using NpgsqlTypes;

namespace Gateway.SemanticCache.Storing.Answers;

/// <summary>Answers in Postgres: slower than Redis, and not bounded by memory.</summary>
internal sealed class PostgresAnswers(NpgsqlDataSource source, int timeoutMilliseconds, TimeProvider time) : IAnswerStore
{
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS semantic_cache_answers (id uuid PRIMARY KEY, gone_at bigint NOT NULL, entry bytea NOT NULL);
        CREATE INDEX IF NOT EXISTS semantic_cache_answers_gone_at ON semantic_cache_answers (gone_at);
        """;

    private readonly Circuit _circuit = new(time);
    private bool _made;

    public bool IsBesideVectors => false;

    private long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public async ValueTask PutAsync(Guid id, byte[] bytes, TimeSpan kept, CancellationToken cancellationToken) => await RunAsync(
        "INSERT INTO semantic_cache_answers (id, gone_at, entry) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET gone_at = excluded.gone_at, entry = excluded.entry",
        [Value(id, NpgsqlDbType.Uuid), Value(Now + (long)kept.TotalSeconds, NpgsqlDbType.Bigint), Value(bytes, NpgsqlDbType.Bytea)],
        static async (command, token) => await command.ExecuteNonQueryAsync(token),
        cancellationToken);

    public async ValueTask<byte[]?> GetAsync(Guid id, CancellationToken cancellationToken) => await RunAsync(
        "SELECT entry FROM semantic_cache_answers WHERE id = $1 AND gone_at > $2",
        [Value(id, NpgsqlDbType.Uuid), Value(Now, NpgsqlDbType.Bigint)],
        static async (command, token) => await command.ExecuteScalarAsync(token) as byte[],
        cancellationToken);

    public async ValueTask DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => await RunAsync(
        "DELETE FROM semantic_cache_answers WHERE id = ANY($1)",
        [Value(ids.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Uuid)],
        static async (command, token) => await command.ExecuteNonQueryAsync(token),
        cancellationToken);

    public async ValueTask SweepAsync(CancellationToken cancellationToken) => await RunAsync(
        "DELETE FROM semantic_cache_answers WHERE gone_at <= $1",
        [Value(Now, NpgsqlDbType.Bigint)],
        static async (command, token) => await command.ExecuteNonQueryAsync(token),
        cancellationToken);

    private static NpgsqlParameter Value(object value, NpgsqlDbType type) => new() { Value = value, NpgsqlDbType = type };

    private async Task<T> RunAsync<T>(string sql, NpgsqlParameter[] parameters, Func<NpgsqlCommand, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        if (!_circuit.TryEnter())
        {
            throw new StoreFault(CacheReasons.StoreUnavailable, "Postgres does not answer and is left alone for a while.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeoutMilliseconds);
        try
        {
            if (!Volatile.Read(ref _made))
            {
                await using var schema = source.CreateCommand(Schema);
                await schema.ExecuteNonQueryAsync(limit.Token);
                Volatile.Write(ref _made, true);
            }

            await using var command = source.CreateCommand(sql);
            command.Parameters.AddRange(parameters);
            var result = await run(command, limit.Token);
            _circuit.Succeeded();
            return result;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Volatile.Write(ref _made, false);
            _circuit.Failed();
            throw new StoreFault(CacheReasons.StoreUnavailable, "Postgres cannot be reached or did not answer in time.", e);
        }
    }
}
