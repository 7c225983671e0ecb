namespace Gateway.Edge.Proxy;

/// <summary>How the passing on of a request to another service ended.</summary>
internal enum ForwardEnd
{
    /// <summary>The service never had it.</summary>
    NotReached,

    /// <summary>The service broke off before it answered: what it did by then nobody knows.</summary>
    BrokeOff,

    /// <summary>It answered, or had begun to, or the caller left before it did.</summary>
    Answered,
}
