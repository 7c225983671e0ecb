namespace Gateway.Governance.Storage;

/// <summary>Changes of many rows that nobody is to wait behind.</summary>
internal static class LongChanges
{
    private const int Step = 1_000;

    /// <summary>Runs a statement, each time in a transaction of its own, until it changes fewer rows than it may.</summary>
    /// <param name="database">The store.</param>
    /// <param name="statement">The statement, of how many rows it may change. What it changed it does not find again.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="cancellation">Stops between two steps; what was changed stays so.</param>
    public static async Task InStepsAsync(this Database database, Func<int, string> statement, object parameters, CancellationToken cancellation)
    {
        var sql = statement(Step);
        for (var changed = Step; changed == Step;)
        {
            changed = await database.WriteAsync(session => session.ExecuteAsync(sql, parameters), cancellation).ConfigureAwait(false);
        }
    }
}
