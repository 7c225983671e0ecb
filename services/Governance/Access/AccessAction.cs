namespace Gateway.Governance.Access;

/// <summary>What somebody wants to do with a kind of thing.</summary>
internal enum AccessAction
{
    /// <summary>See which there are.</summary>
    List,

    /// <summary>See one, or what belongs to it.</summary>
    Read,

    /// <summary>Make a new one.</summary>
    Create,

    /// <summary>Change one.</summary>
    Change,

    /// <summary>Delete one.</summary>
    Delete,

    /// <summary>Give one a new secret, which is shown once.</summary>
    Rotate,

    /// <summary>See what one was before, who changed it and why.</summary>
    History,

    /// <summary>Have something tried out, checked or carried out that keeps nothing.</summary>
    Run,
}

/// <summary>Which things of a kind a role may act on, from none to all.</summary>
internal enum Reach
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The actor's own.</summary>
    Own = 1,

    /// <summary>What lies below the teams and customers the actor is named for, without those themselves.</summary>
    Below = 2,

    /// <summary>The teams and customers the actor is named for, and what lies below them.</summary>
    Within = 3,

    /// <summary>All.</summary>
    All = 4,
}
