// Each collection runs a whole gateway; two at a time would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
