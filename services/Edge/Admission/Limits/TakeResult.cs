namespace Gateway.Edge.Admission.Limits;

/// <summary>What became of a take.</summary>
internal enum TakeResult
{
    Taken,
    Refused,

    /// <summary>This edge has not enough, but others may have left some: it is being asked for.</summary>
    Ask,
}
