using System.Net;

namespace Gateway.Edge.Journal;

/// <summary>Records that governance has refused are offered again once after each start.</summary>
internal sealed partial class UsageUploader
{
    private int _refused = -1;

    /// <summary>Records that are set aside; told with each delivery.</summary>
    private int Refused => Math.Max(0, _refused);

    private void CountRefused() => _refused = RejectedRecords.Files(_folder.Directory).Count;

    private async Task RetryRejectedAsync(CancellationToken cancellationToken)
    {
        foreach (var path in RejectedRecords.Files(_folder.Directory))
        {
            try
            {
                var record = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
                var (status, problem, _) = await PostAsync(() => new UsageBatchContent(_journal.EdgeId ?? "", Refused, record), cancellationToken).ConfigureAwait(false);
                if (status == HttpStatusCode.OK)
                {
                    File.Delete(path);
                    LogAccepted(path);
                }
                else
                {
                    LogStillRejected(path, problem);
                }
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                LogStillRejected(path, fault.Message);
            }
        }

        CountRefused();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The usage record in {Path}, which governance had refused, is in the ledger now")]
    private partial void LogAccepted(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The usage record in {Path} is still not in the ledger ({Problem}); it is offered again after the next start")]
    private partial void LogStillRejected(string path, string? problem);
}
