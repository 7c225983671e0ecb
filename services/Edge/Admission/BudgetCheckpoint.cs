using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gateway.Contracts.Usage;
using Gateway.Edge.Admission.Budgets;
using Gateway.Edge.Admission.InFlight;
using Gateway.Edge.Journal;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Admission;

/// <summary>
/// The ledger of an edge that is alone: carries what budgets have spent over a restart, a kill included. The journal is the truth: its records are folded into sums per
/// account and window, which are kept in a small file with the position they reach; a start reads the file and folds what the journal holds beyond it. The file is written
/// whole and renamed, so it is either the old one or the new one. Under governance there is nothing to carry: the ledger knows.
/// </summary>
internal sealed partial class BudgetCheckpoint(UsageJournal journal, BudgetBook book, OrphanRecovery recovery, string path, TimeProvider time, ILogger<BudgetCheckpoint> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Account, long Start), long> _spent = [];

    // A kill in the middle of a recovery can leave one of these in the journal twice.
    private readonly HashSet<string> _killed = [];
    private JournalPosition _position = JournalPosition.Start;
    private GatewayModel? _model;
    private bool _restored;

    /// <summary>True once the budgets know what earlier runs spent; before that nothing may be admitted.</summary>
    public bool IsRestored => !book.IsLocal || Volatile.Read(ref _restored);

    /// <summary>Follows the configuration; the first one's budgets get what earlier runs of this edge spent.</summary>
    public void Follow(GatewayModel model)
    {
        if (!book.IsLocal)
        {
            return;
        }

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
        if (!book.IsLocal)
        {
            return;
        }

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
        if (_restored || _model is null || !recovery.TryRun())
        {
            return;
        }

        Load_NeedsLock();
        Fold_NeedsLock();
        foreach (var ((name, start), amount) in _spent)
        {
            if (book.Find(name) is { } account && !account.IsPast(start))
            {
                account.Restore(start, amount);
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

        if (!book.Any())
        {
            _position = journal.CurrentPosition;
            return;
        }

        using var reader = journal.TryOpenReader(_position);
        while (reader is not null && reader.TryRead(out var record))
        {
            if (record.CostNanoUsd != 0 && (record.Outcome != RequestOutcome.GatewayKilled || _killed.Add(record.ToRecord().Id)))
            {
                Add_NeedsLock(model, record);
            }
        }

        _position = reader?.Position ?? _position;
    }

    private void Add_NeedsLock(GatewayModel model, in RecordView record)
    {
        if (record.Epoch != 0)
        {
            foreach (var range in record.Budgets.Split((byte)' '))
            {
                if (record.Budgets[range] is { Length: > 0 } name && book.Find(Encoding.UTF8.GetString(name)) is { } account)
                {
                    Add_NeedsLock(account, record.StartedAtMicros, record.CostNanoUsd);
                }
            }

            return;
        }

        // A record of before budgets were named in it: what stands over its key now.
        if (model.FindKeyById(record.KeyId) is { } key)
        {
            foreach (var account in key.Budgets.For(Encoding.UTF8.GetString(record.Model), key.Identity.Tags, key.Identity.TagsText).Accounts)
            {
                Add_NeedsLock(account, record.StartedAtMicros, record.CostNanoUsd);
            }
        }
    }

    private void Add_NeedsLock(BudgetAccount account, long micros, long cost) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_spent, (account.Name, account.SumStart(micros)), out _) += cost;

    private void Load_NeedsLock()
    {
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllBytes(path), BudgetCheckpointJson.Default.BudgetCheckpointFile) is not { Format: 1 or BudgetCheckpointFile.CurrentFormat } file)
            {
                LogUnreadable(path, "its format is not known");
                return;
            }

            _position = new JournalPosition(file.Segment, file.Offset);
            foreach (var sum in file.Sums)
            {
                if (file.Format == 1)
                {
                    LoadOld_NeedsLock(sum);
                }
                else
                {
                    _spent[(sum.Budget, sum.Start)] = sum.NanoUsd;
                }
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

    private void LoadOld_NeedsLock(BudgetSum sum)
    {
        if (book.FirstOrDefault(a => a.Budget.Id == sum.Budget) is { } account)
        {
            var start = sum.WindowStart == DateTime.MinValue ? 0 : (sum.WindowStart.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
            CollectionsMarshal.GetValueRefOrAddDefault(_spent, (account.Name, start), out _) += sum.NanoUsd;
        }
    }

    private bool TrySave_NeedsLock()
    {
        Forget_NeedsLock();
        var file = new BudgetCheckpointFile
        {
            Segment = _position.Segment,
            Offset = _position.Offset,
            Sums = [.. _spent.Select(static s => new BudgetSum(s.Key.Account, default, s.Value) { Start = s.Key.Start })],
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
        foreach (var old in _spent.Keys.Where(k => book.Find(k.Account)?.IsPast(k.Start) != false).ToList())
        {
            _spent.Remove(old);
        }
    }

    [LoggerMessage(LogLevel.Error, "the budget checkpoint {Path} cannot be read ({Reason}); what the journal still holds is counted")]
    private partial void LogUnreadable(string path, string reason);

    [LoggerMessage(LogLevel.Warning, "the budget checkpoint {Path} cannot be written ({Reason}); the journal is kept longer")]
    private partial void LogNotSaved(string path, string reason);
}
