using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Edge.Accounts;
using Gateway.Edge.Journal;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission;

/// <summary>
/// Carries what budgets have spent over a restart, a kill included. The journal is the truth: its records are folded into sums per budget and window, which
/// are kept in a small file with the position they reach; a start reads the file and folds what the journal holds beyond it. The file is written whole and
/// renamed, so it is either the old one or the new one.
/// </summary>
internal sealed partial class BudgetCheckpoint(UsageJournal journal, string path, TimeProvider time, ILogger<BudgetCheckpoint> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Budget, long WindowStart), long> _spent = [];
    private JournalPosition _position = JournalPosition.Start;
    private GatewayModel? _model;
    private bool _restored;

    /// <summary>True once the budgets know what earlier runs spent; before that nothing may be admitted.</summary>
    public bool IsRestored => Volatile.Read(ref _restored);

    /// <summary>Follows the configuration; the first one's budgets get what earlier runs of this edge spent.</summary>
    public void Follow(GatewayModel model)
    {
        lock (_lock)
        {
            // What was recorded so far is folded under the configuration that it was recorded under.
            Fold_NeedsLock();
            _model = model;
            Restore_NeedsLock();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                Keep();
            }
        }
        catch (OperationCanceledException)
        {
            // The last sums need no file: the journal holds what they were made of.
        }
    }

    private void Keep()
    {
        lock (_lock)
        {
            Restore_NeedsLock();
            var before = _position;
            Fold_NeedsLock();
            if (_restored && _position > before && TrySave_NeedsLock())
            {
                journal.RetainFrom = _position;
            }
        }
    }

    private void Restore_NeedsLock()
    {
        if (_restored || _model is not { } model || journal.EdgeId is null)
        {
            return;
        }

        Load_NeedsLock();
        Fold_NeedsLock();
        foreach (var budget in model.Budgets)
        {
            var start = budget.Figures.WindowStart;
            if (_spent.TryGetValue((budget.Id, start.Ticks), out var amount))
            {
                budget.Restore(start, amount);
            }
        }

        Volatile.Write(ref _restored, true);
    }

    private void Fold_NeedsLock()
    {
        if (_model is not { } model)
        {
            return;
        }

        if (!model.HasBudgets)
        {
            _position = journal.CurrentPosition;
            return;
        }

        using var reader = journal.TryOpenReader(_position);
        while (reader is not null && reader.TryRead(out var record))
        {
            if (record.CostNanoUsd != 0 && model.FindKeyById(record.KeyId) is { } key)
            {
                Add_NeedsLock(key, DateTime.UnixEpoch.AddMicroseconds(record.StartedAtMicros + record.DurationMicros), record.CostNanoUsd);
            }
        }

        _position = reader?.Position ?? _position;
    }

    private void Add_NeedsLock(KeyRuntime key, DateTime settledAt, long cost)
    {
        foreach (var budget in key.Budgets)
        {
            var (start, _) = BudgetWindows.Around(budget.Entry.Window, settledAt);
            CollectionsMarshal.GetValueRefOrAddDefault(_spent, (budget.Id, start.Ticks), out _) += cost;
        }
    }

    private void Load_NeedsLock()
    {
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllBytes(path), BudgetCheckpointJson.Default.BudgetCheckpointFile) is not { Format: BudgetCheckpointFile.CurrentFormat } file)
            {
                LogUnreadable(path, "its format is not known");
                return;
            }

            _position = new JournalPosition(file.Segment, file.Offset);
            foreach (var sum in file.Sums)
            {
                _spent[(sum.Budget, sum.WindowStart.Ticks)] = sum.NanoUsd;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The first start.
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            LogUnreadable(path, e.Message);
        }
    }

    private bool TrySave_NeedsLock()
    {
        Forget_NeedsLock();
        var file = new BudgetCheckpointFile
        {
            Segment = _position.Segment,
            Offset = _position.Offset,
            Sums = [.. _spent.Select(static s => new BudgetSum(s.Key.Budget, new DateTime(s.Key.WindowStart, DateTimeKind.Utc), s.Value))],
        };
        try
        {
            var temporary = path + ".new";
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(file, BudgetCheckpointJson.Default.BudgetCheckpointFile));
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing is lost: the journal is kept from the last position that did get written.
            LogNotSaved(path, e.Message);
            return false;
        }
    }

    private void Forget_NeedsLock()
    {
        var current = _model!.Budgets.Select(static b => (b.Id, b.Figures.WindowStart.Ticks)).ToHashSet();
        foreach (var old in _spent.Keys.Where(k => !current.Contains(k)).ToList())
        {
            _spent.Remove(old);
        }
    }

    [LoggerMessage(LogLevel.Error, "the budget checkpoint {Path} cannot be read ({Reason}); what the journal still holds is counted")]
    private partial void LogUnreadable(string path, string reason);

    [LoggerMessage(LogLevel.Warning, "the budget checkpoint {Path} cannot be written ({Reason}); the journal is kept longer")]
    private partial void LogNotSaved(string path, string reason);
}
