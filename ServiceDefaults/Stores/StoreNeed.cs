namespace Gateway.ServiceDefaults.Stores;

/// <summary>What a store that cannot be reached means for readiness.</summary>
public enum StoreNeed
{
    /// <summary>The service cannot work without it: <c>/health/ready</c> answers 503.</summary>
    Required,

    /// <summary>The service goes on without it: <c>/health/ready</c> says <c>degraded</c> with 200.</summary>
    Optional,
}
