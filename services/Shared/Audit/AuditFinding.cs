namespace Gateway.Audit;

/// <summary>Something that is wrong with a log.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Chain">The chain, or empty where it cannot be told.</param>
/// <param name="First">The row, or the first of several; 0 where it cannot be told.</param>
/// <param name="Last">The last of several rows.</param>
/// <param name="Line">Line of the file, from 1 on; 0 where there is none.</param>
/// <param name="Message">For people.</param>
public sealed record AuditFinding(AuditFindingKind Kind, string Chain, long First, long Last, long Line, string Message);

/// <summary>What is wrong.</summary>
public enum AuditFindingKind
{
    /// <summary>The row does not have the content it was written with.</summary>
    Altered = 1,

    /// <summary>Rows are not there.</summary>
    Deleted = 2,

    /// <summary>The row is not in its place.</summary>
    Reordered = 3,

    /// <summary>The row does not belong there.</summary>
    Inserted = 4,

    /// <summary>The end is not there.</summary>
    Cut = 5,

    /// <summary>The line is no row.</summary>
    Unreadable = 6,

    /// <summary>Rows agree with each other but not with what was signed.</summary>
    Rewritten = 7,

    /// <summary>A checkpoint is not to be believed.</summary>
    Checkpoint = 8,
}
