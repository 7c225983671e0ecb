namespace Gateway.Governance.Usage.Aggregates;

/// <summary>What aggregates are kept by, each alone. Numbers are persisted: append only.</summary>
internal enum UsageDimension
{
    /// <summary>Everything together.</summary>
    Total = 0,

    /// <summary>Virtual key.</summary>
    Key = 1,

    /// <summary>Public model name.</summary>
    Model = 2,

    /// <summary>Team.</summary>
    Team = 3,

    /// <summary>Customer.</summary>
    Customer = 4,

    /// <summary>User.</summary>
    User = 5,

    /// <summary>Provider.</summary>
    Provider = 6,

    /// <summary>Model route.</summary>
    Route = 7,

    /// <summary>Tag: a record counts under each of its tags, so these do not add up to the total.</summary>
    Tag = 8,
}
