echo hiddenBefore
# tag::start[]
start --with seenExample
# end::start[]
echo hiddenAfter
