using Gateway.Governance.Storage;

namespace Gateway.Governance.Alerts;

/// <summary>What was noticed, each once in its period however many instances notice it.</summary>
internal sealed class SignalBook(Database database, TimeProvider time)
{
    internal const string Columns = "id, kind, subject, resolved, severity, title, body, at";

    private long Now => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Notes something.</summary>
    /// <param name="signal">What; its id and time are made here.</param>
    /// <param name="period">Names the occasion: of one kind and subject each is noted once.</param>
    /// <param name="cancellation">Ends it.</param>
    public Task RaiseAsync(AlertSignal signal, long period, CancellationToken cancellation) => database.WriteAsync(
        session => session.ExecuteAsync(
            """
            INSERT INTO alert_signals (id, kind, subject, period, resolved, severity, title, body, at, queued)
            VALUES (@id, @kind, @Subject, @period, @resolved, @severity, @Title, @Text, @Now, 0) ON CONFLICT (kind, subject, period, resolved) DO NOTHING
            """,
            new { id = Keys.KeyMaterial.NewId("signal"), kind = (int)signal.Kind, signal.Subject, period, resolved = signal.Resolved ? 1 : 0, severity = (int)signal.Severity, signal.Title, signal.Text, Now }),
        cancellation);

    /// <summary>The latest, newest first.</summary>
    public async Task<IReadOnlyList<AlertSignal>> LatestAsync(int limit, CancellationToken cancellation) =>
        [.. (await database.ReadAsync(s => s.QueryAsync<Row>($"SELECT {Columns} FROM alert_signals ORDER BY at DESC, id DESC LIMIT @limit", new { limit }), cancellation).ConfigureAwait(false)).Select(static r => r.View())];

    internal sealed record Row
    {
        public required string Id { get; init; }

        public int Kind { get; init; }

        public required string Subject { get; init; }

        public int Resolved { get; init; }

        public int Severity { get; init; }

        public required string Title { get; init; }

        public required string Body { get; init; }

        public long At { get; init; }

        public AlertSignal View() => new()
        {
            Id = Id,
            Kind = (SignalKind)Kind,
            Subject = Subject,
            Resolved = Resolved != 0,
            Severity = (AlertSeverity)Severity,
            Title = Title,
            Text = Body,
            At = DateTimeOffset.UnixEpoch.AddTicks(At * TimeSpan.TicksPerMicrosecond),
        };
    }
}
